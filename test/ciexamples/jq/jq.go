// Package jq keeps gojq, the jq that is also in gh, in this module.
package jq

import _ "github.com/itchyny/gojq/cli" // its command is built from here
