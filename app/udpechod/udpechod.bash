# SPDX-License-Identifier: BSD-3-Clause
# Completion of udpechod(8) for bash: the options are those that --help names.
_udpechod_device()
{
    local kind=${cur%%:*}

    case $cur in
        af_xdp:* | af_packet:* | pcap-live:*)
            _available_interfaces -a
            COMPREPLY=($(compgen -P "$kind:" -W '${COMPREPLY[@]}' -- "${cur#*:}"))
            ;;
        pci:*)
            COMPREPLY=($(compgen -P pci: -W '$(command ls /sys/bus/pci/devices 2>/dev/null)' -- "${cur#*:}"))
            ;;
        pcap:*)
            COMPREPLY=($(compgen -P pcap: -f -- "${cur#*:}"))
            ;;
        *)
            COMPREPLY=($(compgen -W 'pci: af_xdp: af_packet: pcap: pcap-live: tap: vdev:' -- "$cur"))
            compopt -o nospace
            ;;
    esac
    __ltrim_colon_completions "$cur"
}

_udpechod()
{
    local cur prev words cword split
    _init_completion -s -n : || return

    case $prev in
        --device | -d)
            _udpechod_device
            return
            ;;
        --config | -c | --acl)
            _filedir
            return
            ;;
        --report)
            COMPREPLY=($(compgen -W 'text json' -- "$cur"))
            return
            ;;
        --partial-checksums)
            COMPREPLY=($(compgen -W 'auto on off' -- "$cur"))
            return
            ;;
        --idle)
            COMPREPLY=($(compgen -W 'auto spin pause sleep interrupt' -- "$cur"))
            return
            ;;
        --variant)
            COMPREPLY=($(compgen -W 'auto reference scalar avx2 avx512' -- "$cur"))
            return
            ;;
        --log-level)
            COMPREPLY=($(compgen -W 'error warning notice info debug' -- "$cur"))
            return
            ;;
    esac
    $split && return

    COMPREPLY=($(compgen -W '$(_parse_help "$1")' -- "$cur"))
    [[ ${COMPREPLY-} == *= ]] && compopt -o nospace
} &&
    complete -F _udpechod udpechod
