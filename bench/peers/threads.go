// SPDX-License-Identifier: MIT

// Scheduler rows: Go. See bench/threads.h for what each row is. One processor
// (GOMAXPROCS=1); join is a receive from an unbuffered channel, or a WaitGroup
// where there are many. Its stacks begin at 2 KiB, grow by copying, and have no
// guard.
package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

var threads, count int

// Nanoseconds of CPU that this process has used.
func cpuNow() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano() + u.Stime.Nano())
}

func say(row string, numbers ...interface{}) {
	fmt.Printf("{\"peer\": \"go\", \"row\": \"%s\", \"threads\": %d, "+
		"\"count\": %d", row, threads, count)
	for i := 0; i < len(numbers); i += 2 {
		fmt.Printf(", \"%s\": %.8g", numbers[i], numbers[i+1])
	}
	fmt.Println("}")
}

func runYield(counted bool) {
	var started, ended, yields, yieldsAtFirst int
	var start, first, end float64
	var done sync.WaitGroup

	perThread := count / threads
	if perThread < 2 {
		perThread = 2
	}
	open := false
	done.Add(threads)
	for i := 0; i < threads; i++ {
		go func() {
			if started++; started == threads {
				start = cpuNow()
				open = true
			}
			for !open {
				runtime.Gosched()
			}
			if counted {
				for i := perThread; i > 0; i-- {
					runtime.Gosched()
					yields++
				}
			} else {
				for i := perThread; i > 0; i-- {
					runtime.Gosched()
				}
			}
			if ended++; ended == 1 {
				first = cpuNow()
				yieldsAtFirst = yields
			}
			if ended == threads {
				end = cpuNow()
			}
			for ended < threads {
				runtime.Gosched()
			}
			done.Done()
		}()
	}
	done.Wait()
	n := float64(threads)
	atFirst := float64(perThread-1)*n + 1
	all := float64(perThread)*n + n - 1
	if counted {
		say("yield-check", "ns", (end-start)/all,
			"fair", float64(yieldsAtFirst)/atFirst)
	} else {
		say("yield", "ns", (end-start)/all,
			"fair", (first-start)/(end-start)*all/atFirst)
	}
}

func runSpawnJoin() {
	var start float64

	ch := make(chan int)
	for i := -count / 10; i < count; i++ {
		if i == 0 {
			start = cpuNow()
		}
		go func() { ch <- 1 }()
		<-ch
	}
	say("spawn-join", "ns", (cpuNow()-start)/float64(count))
}

// A yield would let the first goroutines end before the last begin: they wait
// at a gate instead.
func runCrowd(row string, wait bool) {
	var cold, warm float64
	var gate chan int
	var done sync.WaitGroup

	alive, most := 0, 0
	body := func() {
		if wait {
			if alive++; alive > most {
				most = alive
			}
			<-gate
			alive--
		}
		done.Done()
	}
	for i := 0; i < count; i++ {
		start := cpuNow()
		done.Add(threads)
		gate = make(chan int)
		for j := 0; j < threads; j++ {
			go body()
		}
		for wait && alive < threads {
			runtime.Gosched()
		}
		close(gate)
		done.Wait()
		ns := (cpuNow() - start) / float64(threads)
		if i == 0 {
			cold = ns
		}
		if i == 1 || ns < warm {
			warm = ns
		}
	}
	numbers := []interface{}{"cold_ns", cold}
	if count > 1 {
		numbers = append(numbers, "ns", warm)
	}
	if wait {
		numbers = append(numbers, "most_alive", float64(most))
	}
	say(row, numbers...)
}

// A field of /proc/self/status, in bytes.
func field(status []byte, name string) float64 {
	at := bytes.Index(status, []byte(name))
	if at < 0 {
		return 0
	}
	words := bytes.Fields(status[at+len(name):])
	kb, _ := strconv.ParseFloat(string(words[0]), 64)
	return kb * 1024
}

func memory() (rss, tables, maps float64) {
	m, _ := os.ReadFile("/proc/self/maps")
	s, _ := os.ReadFile("/proc/self/status")
	return field(s, "VmRSS:"), field(s, "VmPTE:"),
		float64(bytes.Count(m, []byte("\n")))
}

func runParked() {
	var done sync.WaitGroup

	gate := make(chan int)
	started := 0
	rss, tables, _ := memory()
	start := cpuNow()
	done.Add(threads)
	for i := 0; i < threads; i++ {
		go func() {
			started++
			<-gate
			done.Done()
		}()
	}
	for started < threads {
		runtime.Gosched()
	}
	rss2, tables2, maps := memory()
	close(gate)
	done.Wait()
	n := float64(threads)
	say("parked", "seconds", (cpuNow()-start)/1e9, "rss", (rss2-rss)/n,
		"page_tables", (tables2-tables)/n, "maps", maps)
}

func main() {
	runtime.GOMAXPROCS(1)
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: threads-go ROW THREADS COUNT")
		os.Exit(2)
	}
	threads, _ = strconv.Atoi(os.Args[2])
	count, _ = strconv.Atoi(os.Args[3])
	row := os.Args[1]
	switch strings.TrimSuffix(row, "-shared") {
	case "yield":
		runYield(false)
	case "yield-check":
		runYield(true)
	case "spawn-join":
		runSpawnJoin()
	case "crowd":
		runCrowd("crowd", true)
	case "storm":
		runCrowd("storm", false)
	case "parked":
		runParked()
	case "pingpong":
		runChannels(row, false, 0)
	case "stream-0":
		runChannels(row, true, 0)
	case "stream-128":
		runChannels(row, true, 128)
	case "sem":
		runSem(row)
	case "mutex-pair":
		runMutexPair(row)
	case "mutex-handoff":
		runMutex(row, false)
	case "mutex-turns":
		runMutex(row, true)
	case "sleeps":
		runSleeps(row)
	case "timers":
		runTimers(row)
	case "skynet":
		runCores(row, runSkynet)
	case "spawn-storm":
		runCores(row, runStorm)
	default:
		fmt.Println("{\"error\": \"no such row\"}")
	}
}
