// Package writers builds the programs that write HorizontalPodAutoscalers besides floorkeeper and kubectl: Helm 3, Helm
// 4 and the applier of Flux. Each has a nested module of its own, and is built once per version into the user's cache
// directory. The package imports nothing but what builds the control plane.
package writers
