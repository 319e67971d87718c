package main

import (
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// settle is how long updates may gather before they are told.
const settle = 100 * time.Millisecond

// news is what a collector has heard of and not told yet. The simulator's own collector reads everything anew with each
// change of any object; a real vCenter knows what changed, and so does this one.
type news struct {
	sync.Mutex
	heard []types.ObjectUpdate
	parts []types.PropertyFilterUpdate
}

func (c *collector) hear(update types.ObjectUpdate) {
	c.news.Lock()
	c.news.heard = append(c.news.heard, update)
	c.news.Unlock()
}

func (c *collector) PutObject(made mo.Reference) {
	c.hear(types.ObjectUpdate{Obj: made.Reference(), Kind: types.ObjectUpdateKindEnter})
}

func (c *collector) UpdateObject(changed mo.Reference, changes []types.PropertyChange) {
	c.hear(types.ObjectUpdate{Obj: changed.Reference(), Kind: types.ObjectUpdateKindModify, ChangeSet: changes})
}

func (c *collector) RemoveObject(gone types.ManagedObjectReference) {
	c.hear(types.ObjectUpdate{Obj: gone, Kind: types.ObjectUpdateKindLeave})
}

// WaitForUpdatesEx tells everything at first, then what changed; it supports filters over all objects of a type.
func (c *collector) WaitForUpdatesEx(ctx *simulator.Context, r *types.WaitForUpdatesEx) soap.HasFault {
	if r.Version == "" {
		ctx.Map.AddHandler(c)
		c.news.parts = c.everything(ctx)
		return c.tell(r)
	}
	end := time.Now().Add(time.Hour)
	if r.Options != nil && r.Options.MaxWaitSeconds != nil {
		end = time.Now().Add(time.Duration(*r.Options.MaxWaitSeconds) * time.Second)
	}
	for len(c.news.parts) == 0 {
		c.news.Lock()
		heard := c.news.heard
		c.news.heard = nil
		c.news.Unlock()
		c.news.parts = c.changed(ctx, heard)
		if len(c.news.parts) == 0 {
			if !time.Now().Before(end) {
				return &methods.WaitForUpdatesExBody{Res: &types.WaitForUpdatesExResponse{}}
			}
			time.Sleep(settle)
		}
	}
	return c.tell(r)
}

// tell gives the next part, which has no more objects than were asked for.
func (c *collector) tell(r *types.WaitForUpdatesEx) soap.HasFault {
	if r.Options != nil && r.Options.MaxObjectUpdates > 0 {
		c.news.parts = inParts(c.news.parts, int(r.Options.MaxObjectUpdates))
	}
	set := &types.UpdateSet{Version: "-"}
	if len(c.news.parts) > 0 {
		set.FilterSet, c.news.parts = c.news.parts[:1], c.news.parts[1:]
	}
	set.Truncated = types.NewBool(len(c.news.parts) > 0)
	return &methods.WaitForUpdatesExBody{Res: &types.WaitForUpdatesExResponse{Returnval: set}}
}

func (c *collector) everything(ctx *simulator.Context) []types.PropertyFilterUpdate {
	var told []types.PropertyFilterUpdate
	for _, ref := range c.Filter {
		update := types.PropertyFilterUpdate{Filter: ref}
		for _, object := range c.retrieve(ctx, ctx.Session.Get(ref).(*simulator.PropertyFilter).Spec) {
			update.ObjectSet = append(update.ObjectSet, assigned(object, types.ObjectUpdateKindEnter))
		}
		told = append(told, update)
	}
	return told
}

// changed returns what of the updates the filters want to know, each object once with its values as they are now.
func (c *collector) changed(ctx *simulator.Context, heard []types.ObjectUpdate) []types.PropertyFilterUpdate {
	var told []types.PropertyFilterUpdate
	for _, ref := range c.Filter {
		update := types.PropertyFilterUpdate{Filter: ref}
		for _, wanted := range ctx.Session.Get(ref).(*simulator.PropertyFilter).Spec.PropSet {
			update.ObjectSet = append(update.ObjectSet, c.of(ctx, wanted, heard)...)
		}
		if len(update.ObjectSet) > 0 {
			told = append(told, update)
		}
	}
	return told
}

func (c *collector) of(ctx *simulator.Context, wanted types.PropertySpec, heard []types.ObjectUpdate) []types.ObjectUpdate {
	last := map[types.ManagedObjectReference]types.ObjectUpdateKind{}
	var order []types.ManagedObjectReference
	for _, update := range heard {
		if update.Obj.Type != wanted.Type || (update.Kind == types.ObjectUpdateKindModify && !touches(wanted, update)) {
			continue
		}
		kind, known := last[update.Obj]
		if !known {
			order = append(order, update.Obj)
		}
		if !known || kind == types.ObjectUpdateKindModify || update.Kind != types.ObjectUpdateKindModify {
			last[update.Obj] = update.Kind // what came or went is not only changed, whatever happens to it besides
		}
	}
	var told []types.ObjectUpdate
	for _, ref := range order {
		if last[ref] == types.ObjectUpdateKindLeave {
			told = append(told, types.ObjectUpdate{Obj: ref, Kind: types.ObjectUpdateKindLeave})
			continue
		}
		alone := types.PropertyFilterSpec{PropSet: []types.PropertySpec{wanted}, ObjectSet: []types.ObjectSpec{{Obj: ref}}}
		for _, object := range c.retrieve(ctx, alone) {
			told = append(told, assigned(object, last[ref]))
		}
	}
	return told
}

// retrieve returns nothing of an object that has vanished meanwhile: that is told next.
func (c *collector) retrieve(ctx *simulator.Context, spec types.PropertyFilterSpec) []types.ObjectContent {
	question := &types.RetrievePropertiesEx{SpecSet: []types.PropertyFilterSpec{spec}}
	body := c.PropertyCollector.RetrievePropertiesEx(ctx, question).(*methods.RetrievePropertiesExBody)
	if body.Res == nil {
		return nil
	}
	return body.Res.Returnval.Objects
}

func touches(wanted types.PropertySpec, update types.ObjectUpdate) bool {
	for _, change := range update.ChangeSet {
		for _, path := range wanted.PathSet {
			if strings.HasPrefix(change.Name+".", path+".") || strings.HasPrefix(path+".", change.Name+".") {
				return true
			}
		}
	}
	return false
}

func assigned(object types.ObjectContent, kind types.ObjectUpdateKind) types.ObjectUpdate {
	update := types.ObjectUpdate{Obj: object.Obj, Kind: kind}
	for _, property := range object.PropSet {
		change := types.PropertyChange{Op: types.PropertyChangeOpAssign, Name: property.Name, Val: property.Val}
		update.ChangeSet = append(update.ChangeSet, change)
	}
	return update
}

// inParts splits updates so that none of them has more objects than a page.
func inParts(updates []types.PropertyFilterUpdate, size int) []types.PropertyFilterUpdate {
	var parts []types.PropertyFilterUpdate
	for _, update := range updates {
		for len(update.ObjectSet) > size {
			parts = append(parts, types.PropertyFilterUpdate{Filter: update.Filter, ObjectSet: update.ObjectSet[:size]})
			update.ObjectSet = update.ObjectSet[size:]
		}
		parts = append(parts, update)
	}
	return parts
}
