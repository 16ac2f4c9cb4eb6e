// Package pageserver serves the page of cmd/internal/timeline over HTTP, to be looked at and nothing else.
//
// There is nothing to log in to and nothing to change: every request is answered from what the renderer is given. A web
// site that a browser was lured to could have its name resolve to 127.0.0.1 and so read the page, as with any server on
// loopback (DNS rebinding). It would learn the names of HPAs and their numbers, and no secret; the Host header is
// therefore not checked, and the page works through port-forwards and proxies under any name. Who may not know those
// names must not reach the address that it listens on.
package pageserver
