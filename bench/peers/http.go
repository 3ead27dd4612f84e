// SPDX-License-Identifier: MIT

// Files over HTTP: Go's net/http. Called with the number of workers and the
// folder; see bench/server.h.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
)

func main() {
	workers, _ := strconv.Atoi(os.Args[1])
	runtime.GOMAXPROCS(workers)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Printf("{\"error\": %q}\n", err.Error())
		return
	}
	fmt.Printf("{\"port\": %d}\n", listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, http.FileServer(http.Dir(os.Args[2])))
}
