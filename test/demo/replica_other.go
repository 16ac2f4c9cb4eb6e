//go:build !linux

package main

import "syscall"

// dieWithParent puts a process into a group of its own, to keep an interrupt at the terminal from it. The kernel cannot
// tie it to the demo here.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
