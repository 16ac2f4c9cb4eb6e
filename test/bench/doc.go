// Command bench measures floorkeeper on a real Kubernetes control plane, against what is possible on the same machine
// in the same run: each row has a limit, which a plain loop or a bare informer sets, and both take turns.
//
// The clock is the API server's audit log. Nothing that floorkeeper reports about itself counts. The control plane runs
// without its controller manager unless a row needs it, so that nobody else writes to an HPA.
//
//	go run ./test/bench -rows boundary -n 1000
package main
