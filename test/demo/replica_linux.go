package main

import "syscall"

// dieWithParent makes the kernel kill a process when the demo dies, in whatever way. A group of its own keeps an
// interrupt at the terminal from the process: the demo stops it, in order.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
