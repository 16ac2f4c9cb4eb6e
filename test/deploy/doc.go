// Package deploy tests what is in the deploy folder: that it can be applied as it is to a real API server that enforces
// restricted Pod Security, that it grants exactly the rights that floorkeeper needs, and that the real binary works with
// these rights and the arguments of the Deployment. It has no code but tests.
package deploy
