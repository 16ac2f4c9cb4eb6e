// Package gitops tests floorkeeper beside the others who write minReplicas: kubectl in all its ways, Helm 3, Helm 4,
// the applier of Flux, Argo CD's ways to apply, and controllers that put the whole object. The writers are the real
// programs, the API server, the HPA controller and floorkeeper too; each writer is tried with the floor guard off and
// on. It has no code but tests.
package gitops
