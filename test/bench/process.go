package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// usage is what a process has used so far, by /proc.
type usage struct {
	CPU    float64 // seconds, user and system
	RSS    float64 // MiB
	Anon   float64 // MiB of RSS that is not of a file
	MaxRSS float64 // MiB
}

// tick is the unit of utime and stime on Linux, in seconds.
const tick = 0.01

func usageOf(pid int) (u usage, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, fmt.Errorf("cannot measure a process: %w", err)
	}
	// Behind the name, which is in parentheses: state is field 3, utime 14, stime 15.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	for _, field := range fields[11:13] {
		ticks, err := strconv.ParseFloat(string(field), 64)
		if err != nil {
			return u, fmt.Errorf("cannot measure a process: %w", err)
		}
		u.CPU += ticks * tick
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, fmt.Errorf("cannot measure a process: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		var kib float64
		name, value, _ := strings.Cut(line, ":")
		if n, _ := fmt.Sscanf(value, "%f kB", &kib); n == 0 {
			continue
		}
		switch name {
		case "VmRSS":
			u.RSS = kib / 1024
		case "RssAnon":
			u.Anon = kib / 1024
		case "VmHWM":
			u.MaxRSS = kib / 1024
		}
	}
	return u, nil
}
