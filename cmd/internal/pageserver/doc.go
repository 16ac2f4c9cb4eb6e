// Package pageserver serves the page of cmd/internal/timeline over HTTP, to be looked at and nothing else.
//
// There is nothing to log in to and nothing to change: every request is answered from what the renderer is given, and what
// arrives over loopback under a foreign name is not. Who may not know the names of HPAs and their numbers must not reach
// the address that it listens on.
package pageserver
