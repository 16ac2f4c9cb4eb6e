package edit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// remove returns the splices that remove items of events, given in order.
func (s *editor) remove(items []int) ([]splice, error) {
	field := s.root.Field("events")
	events := field.Value
	if events == nil || events.Alias != nil {
		return nil, errAlias
	}
	if err := s.anchored(events, items); err != nil {
		return nil, err
	}
	if !events.Flow {
		b := s.block(field)
		if b.items[0].hyphen == lineOf(field.Name) {
			return nil, fmt.Errorf("its list of events begins behind a colon; %w", errByHand)
		}
		return s.removeBlock(field.Name, b, items), nil
	}
	found := s.scan(events)
	if len(found.parts) != len(events.Items) {
		return nil, fmt.Errorf("its list of events cannot be taken apart; %w", errByHand)
	}
	return s.removeFlow(found, events.Items, items), nil
}

// anchored returns an error if something that stays refers to an anchor in one of the items.
func (s *editor) anchored(events *source.Node, items []int) error {
	goes := map[*source.Node]string{}
	for _, i := range items {
		name := events.Items[i].Child("name")
		for _, value := range events.Items[i].All() {
			goes[value] = "an event"
			if name != nil {
				goes[value] = "event " + source.Cut(name.Text)
			}
		}
	}
	for _, value := range s.root.All() {
		if event, used := goes[value.Alias]; used && value.Alias != nil && goes[value] == "" {
			return fmt.Errorf("%s has the anchor &%s, which line %d uses; write there what it stands for, and "+
				"try again", event, source.Cut(value.Alias.Anchor), value.Place.Line)
		}
	}
	return nil
}

// removeBlock removes items of a list with hyphens, and one of the gaps around them.
func (s *editor) removeBlock(key *source.Node, b block, items []int) []splice {
	var cuts []splice
	for i := 0; i < len(items); {
		first, last := b.items[items[i]], b.items[items[i]]
		floor := 0 // what ends before it stays as it is
		if before := items[i] - 1; before >= 0 {
			floor = b.items[before].to
		}
		for i++; i < len(items) && items[i] == items[i-1]+1 && s.blank(last.to, b.items[items[i]].from); i++ {
			last = b.items[items[i]]
		}
		from, to := s.withGap(first.from, last.to, floor, items[i-1] == len(b.items)-1)
		cuts = append(cuts, splice{from: s.starts[from], to: s.starts[to]})
	}
	if len(items) == len(b.items) {
		at := s.offset(key) + len(key.Text)
		at += strings.IndexByte(s.text[at:s.starts[b.items[0].hyphen]], ':') + 1
		if b.list.Anchor != "" {
			at = s.offset(b.list) + len("&"+b.list.Anchor)
		}
		cuts = append(cuts, splice{at, at, " []"})
	}
	return cuts
}

// withGap returns the lines [from, to), which are to be removed, with the empty lines before or behind them, so that not
// two gaps become one large one. Lines before the floor stay.
func (s *editor) withGap(from, to, floor int, last bool) (int, int) {
	empty := func(line int) bool { return floor <= line && line < s.lines() && s.blank(line, line+1) }
	before, behind := empty(from-1), empty(to)
	switch {
	case before && (behind || last):
		for empty(from - 1) {
			from--
		}
	case behind && !last:
		for empty(to) {
			to++
		}
	}
	return from, to
}

func (s *editor) removeFlow(f flow, parts []*source.Node, items []int) []splice {
	var cuts []splice
	for _, i := range items {
		cuts = append(cuts, s.cutPart(f, parts, i))
	}
	kept := len(parts) - 1
	for kept >= 0 && slices.Contains(items, kept) {
		kept--
	}
	if last := len(parts) - 1; kept >= 0 && kept < last && f.parts[last].comma < 0 {
		cut := splice{from: f.parts[kept].comma, to: f.parts[kept].comma + 1}
		if s.lineAt(cut.from) == s.lineAt(f.parts[last].to) {
			cut = splice{from: f.parts[kept].to, to: f.parts[last].to}
		}
		cuts = append(cuts, cut)
	}
	if kept < 0 && strings.TrimSpace(s.spliced(f.open+1, f.end, cuts)) == "" {
		return []splice{{from: f.open + 1, to: f.end}}
	}
	return cuts
}

// cutPart removes an item and its comma: with whole lines, and the comments directly above, where it has these alone.
func (s *editor) cutPart(f flow, parts []*source.Node, i int) splice {
	from, to := s.offset(parts[i]), f.parts[i].to
	if comma := f.parts[i].comma; comma >= 0 {
		to = comma + 1
	}
	first, last := s.lineAt(from), s.lineAt(to-1)
	before, behind := s.text[s.starts[first]:from], strings.TrimSpace(s.text[to:s.starts[last+1]])
	alone := strings.TrimSpace(before) == ""
	switch {
	case alone && (behind == "" || behind[0] == '#'):
		floor := s.lineAt(f.open) + 1
		if i > 0 {
			floor = s.lineAt(f.parts[i-1].to) + 1
		}
		for first > floor && s.comment(first-1) {
			first--
		}
		return splice{from: s.starts[first], to: s.starts[last+1]}
	case i+1 < len(parts) && s.lineAt(s.offset(parts[i+1])) == last:
		to = s.offset(parts[i+1])
	case !alone:
		from -= len(before) - len(strings.TrimRight(before, " \t"))
	}
	return splice{from: from, to: to}
}
