// SPDX-License-Identifier: MIT

// Rows of several cores: see bench/cores-green.c. THREADS is GOMAXPROCS.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

func skynet(up chan int, first int, size int) {
	if size == 1 {
		up <- first
		return
	}
	children := make(chan int)
	for i := 0; i < 10; i++ {
		go skynet(children, first+i*size/10, size/10)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-children
	}
	up <- sum
}

func runSkynet() bool {
	up := make(chan int)
	go skynet(up, 0, count)
	return <-up == count*(count-1)/2
}

func runStorm() bool {
	var done sync.WaitGroup

	done.Add(count)
	for i := 0; i < count; i++ {
		go func() { done.Done() }()
	}
	done.Wait()
	return true
}

func runCores(row string, run func() bool) {
	var cold, best float64

	runtime.GOMAXPROCS(threads)
	for i := 0; i < 4; i++ {
		start := time.Now()
		if !run() {
			fmt.Println("{\"error\": \"the sum is wrong\"}")
			return
		}
		ms := float64(time.Since(start).Nanoseconds()) / 1e6
		if i == 0 {
			cold = ms
		}
		if i == 1 || ms < best {
			best = ms
		}
	}
	say(row, "cold_ms", cold, "ms", best)
}
