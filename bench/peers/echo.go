// SPDX-License-Identifier: MIT

// Echo: Go, a goroutine for each connection. See bench/server.h.
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
)

func echo(c net.Conn) {
	buffer := make([]byte, 1024)
	for {
		n, err := c.Read(buffer)
		if err != nil {
			break
		}
		if _, err = c.Write(buffer[:n]); err != nil {
			break
		}
	}
	c.Close()
}

func main() {
	workers := 1
	if len(os.Args) > 1 {
		workers, _ = strconv.Atoi(os.Args[1])
	}
	runtime.GOMAXPROCS(workers)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Printf("{\"error\": %q}\n", err.Error())
		return
	}
	fmt.Printf("{\"port\": %d}\n", listener.Addr().(*net.TCPAddr).Port)
	for {
		c, err := listener.Accept()
		if err == nil {
			go echo(c)
		}
	}
}
