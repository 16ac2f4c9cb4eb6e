//go:build !linux

package controlplane

import "syscall"

// dieWithParent does nothing where the kernel cannot do it: there an interrupt typed at the terminal reaches the
// components directly.
func dieWithParent() *syscall.SysProcAttr { return nil }
