//go:build !linux

package controlplane

import "syscall"

// DieWithParent puts a process into a group of its own, as on Linux. The kernel cannot kill it when its parent dies.
func DieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
