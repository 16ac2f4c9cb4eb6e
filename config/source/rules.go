package source

// The rules of text, YAML and lists of problems. They are stable: people search for them.
const (
	RuleFileTooLarge     = "file-too-large"
	RuleTooManyProblems  = "too-many-problems"
	RuleInvalidUTF8      = "invalid-utf8"
	RuleControlCharacter = "control-character"
	RuleSyntax           = "yaml-syntax"
	RuleEmptyFile        = "empty-file"
	RuleSecondDocument   = "second-document"
	RuleTooDeep          = "too-deep"
	RuleAliasLoop        = "alias-loop"
	RuleAliasBomb        = "alias-bomb"
	RuleTag              = "yaml-tag"
	RuleMerge            = "bad-merge"
	RuleDuplicateField   = "duplicate-field"
	RuleWrongType        = "wrong-type"
)
