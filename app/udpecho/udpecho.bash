# SPDX-License-Identifier: BSD-3-Clause
# Completion of udpecho(1) for bash: the options are those that --help names.
_udpecho()
{
    local cur prev words cword split
    _init_completion -s || return

    case $prev in
        --csv | --plot)
            _filedir
            return
            ;;
        --interface | -I)
            _available_interfaces -a
            return
            ;;
        --source | -S)
            _ip_addresses -a
            return
            ;;
    esac
    $split && return

    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '$(_parse_help "$1")' -- "$cur"))
        [[ ${COMPREPLY-} == *= ]] && compopt -o nospace
        return
    fi
    _known_hosts_real -- "$cur"
} &&
    complete -F _udpecho udpecho
