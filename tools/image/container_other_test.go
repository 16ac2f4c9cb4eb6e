//go:build !linux

package main

import "errors"

const containerVariable = "FLOORKEEPER_IMAGE_CONTAINER"

func enter(string, []string) error { return errors.New("only Linux runs the image") }
