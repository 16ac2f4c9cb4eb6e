package controlplane

import "syscall"

// DieWithParent makes the kernel kill a process when its parent dies. The process is put into a group of its own, so
// that an interrupt typed at the terminal reaches the parent alone, which then stops the components in order.
func DieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
