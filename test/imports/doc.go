// Package imports tests "floorkeeper import --live" on a real control plane, with bare definitions of the other tools'
// kinds, and what the guides say of Kubernetes itself: that an HPA survives a ScaledObject that is deleted with
// --cascade=orphan, and has no owner then.
package imports
