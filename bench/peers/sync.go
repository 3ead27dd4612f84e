// SPDX-License-Identifier: MIT

// Rows of what goroutines wait for each other with, and of time. See
// bench/sync.h for what each row is. The process of a Go program always has
// several OS threads, so the rows with -shared are the same as those without.
// It has no semaphore in its library; a channel that holds one is what is
// written instead.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

var perThread int

// Run body in all threads, each with its number; nanoseconds of CPU from when
// the last has begun until the last ends.
func party(body func(me int)) float64 {
	var started, ended int
	var start, end float64
	var done sync.WaitGroup

	perThread = count / threads
	if perThread < 2 {
		perThread = 2
	}
	open := false
	done.Add(threads)
	for i := 0; i < threads; i++ {
		go func(me int) {
			if started++; started == threads {
				start = cpuNow()
				open = true
			}
			for !open {
				runtime.Gosched()
			}
			body(me)
			if ended++; ended == threads {
				end = cpuNow()
			}
			done.Done()
		}(i)
	}
	done.Wait()
	return end - start
}

func runChannels(row string, stream bool, capacity int) {
	wrong := 0
	threads += threads & 1
	chans := make([]chan int, threads)
	for i := range chans {
		chans[i] = make(chan int, capacity)
	}
	each := float64(threads)
	body := func(me int) {
		out, in := chans[me], chans[me^1]
		for i := 0; i < perThread; i++ {
			if me&1 == 0 {
				out <- i
			}
			if <-in != i {
				wrong++
			}
			if me&1 == 1 {
				out <- i
			}
		}
	}
	if stream {
		each /= 2
		body = func(me int) {
			ch := chans[me&^1]
			for i := 0; i < perThread; i++ {
				if me&1 == 0 {
					ch <- i
				} else if <-ch != i {
					wrong++
				}
			}
		}
	}
	ns := party(body)
	if wrong != 0 {
		fmt.Printf("{\"error\": \"messages were lost (%d)\"}\n", wrong)
		return
	}
	say(row, "ns", ns/float64(perThread)/each)
}

func runSem(row string) {
	threads += threads & 1
	sems := make([]chan struct{}, threads)
	for i := range sems {
		sems[i] = make(chan struct{}, 1)
	}
	ns := party(func(me int) {
		out, in := sems[me], sems[me^1]
		for i := 0; i < perThread; i++ {
			if me&1 == 0 {
				out <- struct{}{}
			}
			<-in
			if me&1 == 1 {
				out <- struct{}{}
			}
		}
	})
	say(row, "ns", ns/float64(perThread)/float64(threads))
}

func runMutexPair(row string) {
	var mutex sync.Mutex

	ns := party(func(me int) {
		for i := 0; i < perThread; i++ {
			mutex.Lock()
			mutex.Unlock()
		}
	})
	say(row, "ns", ns/float64(perThread)/float64(threads))
}

func runMutex(row string, turns bool) {
	var mutex sync.Mutex

	owner, owners := -1, 0
	ns := party(func(me int) {
		for i := 0; i < perThread; i++ {
			mutex.Lock()
			if owner != me {
				owners++
			}
			owner = me
			runtime.Gosched()
			mutex.Unlock()
			if turns {
				runtime.Gosched()
			}
		}
	})
	all := float64(perThread) * float64(threads)
	say(row, "ns", ns/all, "handed", float64(owners)/all)
}

func runSleeps(row string) {
	var done sync.WaitGroup

	start := cpuNow()
	done.Add(threads)
	for i := 0; i < threads; i++ {
		go func(me int) {
			time.Sleep(time.Duration(1+me*7919%1000) *
				time.Millisecond)
			done.Done()
		}(i)
	}
	done.Wait()
	ns := cpuNow() - start
	say(row, "ms", ns/1e6, "ns", ns/float64(threads))
}

// A timer can be had without a wait here, so nothing is subtracted.
func runTimers(row string) {
	started := 0
	for i := 0; i < threads; i++ {
		go func(me int) {
			started++
			time.Sleep(time.Hour + time.Duration(me*7919%1000000)*
				time.Millisecond)
		}(i)
	}
	for started < threads {
		runtime.Gosched()
	}
	start := cpuNow()
	for i := 0; i < count; i++ {
		timer := time.NewTimer(time.Hour +
			time.Duration(i)*time.Microsecond)
		timer.Stop()
	}
	say(row, "ns", (cpuNow()-start)/float64(count))
}
