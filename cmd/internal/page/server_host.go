package page

import (
	"net"
	"net/http"
	"strings"
)

// trusted says whether a request may be answered under the host name that it asks for. A web site that a browser was lured
// to can have its own name resolve to 127.0.0.1 and so read what listens there with the rights of whoever started it (DNS
// rebinding); the name gives it away. So what arrives over loopback, through a port-forward too, has to ask for localhost
// or for an IP address, which no site can have resolve to another. What arrives otherwise came through a Service or an
// Ingress, whose names are its owner's choice.
func trusted(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() {
		return true
	}
	name := r.Host
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	return strings.EqualFold(name, "localhost") || net.ParseIP(name) != nil
}

// Exposed says whether others than this machine reach an address that is listened on.
func Exposed(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && !tcp.IP.IsLoopback()
}

// URL returns where a browser on this machine finds what listens on an address.
func URL(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		_, port, _ := net.SplitHostPort(address.String()) // it is an address that is listened on
		return "http://localhost:" + port + "/"
	}
	return "http://" + address.String() + "/"
}
