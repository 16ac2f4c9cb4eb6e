package page

import (
	"cmp"
	"math"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

func (p plot) words(y float64) {
	name, about := p.drawName(p.name, y+nameLine), "baseline "+p.known()
	if p.lost {
		about = "minReplicas " + grouped(p.State.MinReplicas) + " · " + about
	}
	if p.State.MaxReplicas < schedules.MaxReplicas {
		about += " · max " + amount(p.State.MaxReplicas)
	}
	p.text(1, y+nameLine, "end", span{text: about, class: "about", needs: em(name, nameLetter) + em(about, smallLetter) + 16})
	for i, note := range p.notes {
		sign, class := "▲ ", "note"
		if !note.alarm {
			sign, class = "", "remark"
		}
		p.text(0, y+nameLine+noteHeight*float64(i+1), "", span{text: sign + note.text, class: class},
			span{text: note.more, needs: em(sign+note.text+note.more, letter+1)})
	}
	p.numbers()
}

// drawName writes a name, without its middle where a picture is too narrow for it, and returns the longest form.
func (c *canvas) drawName(full string, y float64) string {
	draw := func(name string, needs, upper float64) string {
		c.write(name, attr{"x", "0"}, attr{"y", y}, attr{"class", c.class(span{class: "name", needs: needs, upper: upper})})
		return name
	}
	short, name := fitted(full, narrowest, nameLetter), text.CutMiddle(full, 120)
	needs := em(name, nameLetter)
	switch {
	case short == name || c.fixed:
		return draw(name, 0, 0)
	case c.hidden(needs):
		return draw(short, 0, 0)
	default:
		draw(short, 0, needs)
		return draw(name, needs, 0)
	}
}

// caption is what is above a step: a number and words, each of which needs the ones before it.
type caption struct {
	plot
	at     share // the place on the axis, from 0 to 1, where it begins or, if its anchor is the end, ends
	anchor string
	end    share // the place where the step ends
	y      float64
	number string
	words  []string
}

// lineHeight is how far apart two captions have to be, in pixels, not to touch each other.
const lineHeight = 14

// numbers writes minReplicas and the entry above each step at which a floor is in effect in full, where there is room. The
// highest step has them at every width.
func (p plot) numbers() {
	if p.lost {
		return
	}
	top := p.highest()
	var summit *caption
	if top >= 0 {
		summit = p.caption(top)
		p.text(summit.at, summit.y, summit.anchor, summit.anchored()...)
	}
	for i, s := range p.stretches {
		if i != top && s.Floor > 0 && s.Ramp == schedules.Steady {
			c := p.caption(i)
			part, blocked := float64(p.share(p.clear(i).Sub(s.From))), c.blocked(summit)
			spans := []span{{text: c.number, class: "number", needs: max(c.width(0)/part, blocked)}}
			for n, word := range c.words {
				spans = append(spans, span{text: word, class: "entry", needs: max(c.width(n+1)/part, blocked)})
			}
			p.text(c.at, c.y, "", spans...)
		}
	}
}

// highest returns the first of the stretches in which minReplicas is largest, and -1 if no entry raises it.
func (p plot) highest() int {
	top, highest := -1, forecast.Stretch{}
	for i, s := range p.stretches {
		raised := !p.refused && s.Floor > 0 && s.MinReplicas > p.baseline
		if raised && cmp.Or(cmp.Compare(s.MinReplicas, highest.MinReplicas), cmp.Compare(s.Floor, highest.Floor)) > 0 {
			top, highest = i, s
		}
	}
	return top
}

func (p plot) caption(i int) *caption {
	s := p.stretches[i]
	number, of, more := grouped(s.MinReplicas), "", ""
	if p.refused || s.Floor <= p.baseline {
		number = grouped(s.Floor) + " asked"
	} else if p.clamped(s) {
		of = " of " + grouped(s.Floor)
	}
	if under := p.under(s); under != "" {
		more = " over " + text.CutMiddle(text.Line(under), 40)
	}
	return &caption{p, p.x(s.From), "", p.x(s.To), p.raised(s), number, []string{of, " " + text.CutMiddle(text.Line(s.Because), 32), more}}
}

func (p plot) raised(s forecast.Stretch) float64 {
	if p.refused {
		return min(p.level(s.Floor), p.level(s.MinReplicas)) - 5
	}
	return p.level(s.MinReplicas) - 5
}

// width returns how wide the number and some of the words are, in pixels.
func (c *caption) width(words int) float64 {
	wide := em(c.number, letter) + 4
	for _, word := range c.words[:words] {
		wide += em(word, smallLetter)
	}
	return wide
}

// anchored anchors a caption where it has more room, and returns its words: number and entry are there at every width, the
// entry without its middle where necessary.
func (c *caption) anchored() []span {
	room := float64(1 - c.at)
	if c.end > 1-c.at {
		c.at, c.anchor, room = c.end, "end", float64(c.end)
	}
	of, entry, more := c.words[0], c.words[1], c.words[2]
	needs := c.width(2) / room
	spans := []span{{text: c.number, class: "number"}}
	if needs <= narrowest || c.fixed {
		return append(spans, span{text: of + entry, class: "entry"}, span{text: more, class: "entry", needs: c.width(3) / room})
	}
	short := fitted(entry, narrowest*room-c.width(0), smallLetter)
	return append(spans, span{text: of, class: "entry", needs: (c.width(1) + em(short, smallLetter)) / room},
		span{text: short, class: "entry", upper: needs}, span{text: entry, class: "entry", needs: needs},
		span{text: more, class: "entry", needs: c.width(3) / room})
}

// blocked returns the width from which a caption has room beside the one at the summit.
func (c *caption) blocked(summit *caption) float64 {
	if summit == nil || math.Abs(c.y-summit.y) >= lineHeight {
		return 0
	}
	apart := float64(c.at - summit.at)
	switch {
	case summit.anchor == "" && apart > 0:
		return summit.width(len(summit.words)) / apart
	case summit.anchor == "end" && apart < 0:
		return (summit.width(len(summit.words)) + c.width(len(c.words))) / -apart
	default:
		return 0
	}
}

// clear returns up to where there is room above the i-th stretch: to the next one that is as high, or whose caption would
// be at its height.
func (p plot) clear(i int) time.Time {
	here := p.stretches[i]
	for _, s := range p.stretches[i+1:] {
		captioned := s.Floor > 0 && s.Ramp == schedules.Steady && math.Abs(p.raised(s)-p.raised(here)) < lineHeight
		if captioned || s.MinReplicas >= here.MinReplicas {
			return s.From
		}
	}
	return p.to
}
