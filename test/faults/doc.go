// Package faults runs floorkeeper's real binary against a real control plane while things go wrong: crashes at every
// write, lost answers, errors, stale caches, missed events, zombie leaders, outages of the API server and of etcd,
// clocks that disagree, and schedule files that are broken half of the time. Between floorkeeper and the API server is
// a proxy that the tests tell what to do with which request.
//
// After every fault the same is asked: is each HorizontalPodAutoscaler as its owner wrote it last, with nothing of
// floorkeeper's left on it, and was the floor in effect in between?
package faults
