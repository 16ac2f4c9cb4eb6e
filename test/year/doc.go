// Package year simulates years of floorkeeper's work: an injected clock, a real API server, some twenty HPAs, a random
// schedule over every clock shift of the year, other writers, restarts and edits of the schedule. It checks every
// boundary against an oracle that shares no code with the product.
//
// The bits of the seed decide on the floor guard, a settle time, an API server that takes no minReplicas of 0, another
// installation, and a standby that is elected.
//
// Everything follows from a seed, which is printed; how busy the machine is decides only what races with what. To repeat
// a run:
//
//	SEED=42 go test -count 1 -v ./test/year
//
// To run for as long as wanted, whole years with the seeds SEED, SEED+1 and so on: make soak SOAK=2h SEED=42.
package year
