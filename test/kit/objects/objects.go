// Package objects reads the manifests that kustomize and Helm print. It imports nothing of floorkeeper.
package objects

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Read returns the objects of YAML documents, without the empty ones.
func Read(text string) (all []unstructured.Unstructured, err error) {
	reader := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("cannot read the manifests: %w", err)
		}
		data, err := yaml.ToJSON(document)
		if err != nil {
			return nil, fmt.Errorf("cannot read the manifests: %w\n%s", err, document)
		}
		if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
			continue
		}
		var object unstructured.Unstructured
		if err := object.UnmarshalJSON(data); err != nil {
			return nil, fmt.Errorf("cannot read the manifests: %w\n%s", err, document)
		}
		all = append(all, object)
	}
}

// As returns an object as its Go type. A field that the type does not have is an error.
func As[T any](object unstructured.Unstructured) (typed T, err error) {
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, &typed, true); err != nil {
		return typed, fmt.Errorf("cannot read %s %s: %w", object.GetKind(), object.GetName(), err)
	}
	return typed, nil
}
