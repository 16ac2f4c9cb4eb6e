// Package sums adds up the Pods and resources that floors ask for.
//
// It may import controller/forecast and cluster. It has no clock and does no I/O.
package sums
