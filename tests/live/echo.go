// SPDX-License-Identifier: BSD-3-Clause

// The echo server that everybody writes first in Go: echo ADDRESS:PORT
package main

import (
	"log"
	"net"
	"os"
)

func main() {
	connection, err := net.ListenPacket("udp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	buffer := make([]byte, 65536)
	for {
		length, from, err := connection.ReadFrom(buffer)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := connection.WriteTo(buffer[:length], from); err != nil {
			log.Fatal(err)
		}
	}
}
