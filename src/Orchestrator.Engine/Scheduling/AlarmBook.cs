namespace Orchestrator.Engine.Scheduling;

/// <summary>The alarms that are set, in the order of their instants, those of one instant in the order in which they were set. For one caller at a time.</summary>
internal sealed class AlarmBook
{
    private readonly Dictionary<(string Key, bool IsRetry), (DateTimeOffset At, long Serial)> _places = [];
    private readonly SortedDictionary<(DateTimeOffset At, long Serial), Alarm> _order = [];
    private long _serial;

    /// <summary>When the next is to ring; null: none is set.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            foreach (var (place, _) in _order) return place.At;
            return null;
        }
    }

    /// <summary>Sets an alarm in the place of an earlier one of the same schedule and kind.</summary>
    public void Set(Alarm alarm, DateTimeOffset at)
    {
        Remove(alarm);
        var place = (at, ++_serial);
        _places[(alarm.Key, alarm.IsRetry)] = place;
        _order[place] = alarm;
    }

    /// <summary>Takes away the alarm of this schedule and kind, if there is one.</summary>
    public void Remove(Alarm alarm)
    {
        if (_places.Remove((alarm.Key, alarm.IsRetry), out var place)) _order.Remove(place);
    }

    /// <summary>Takes out those that are to ring by now.</summary>
    public List<Alarm> TakeDue(DateTimeOffset now)
    {
        var due = new List<Alarm>();
        foreach (var (place, alarm) in _order)
        {
            if (place.At > now) break;
            due.Add(alarm);
        }
        foreach (var alarm in due) Remove(alarm);
        return due;
    }
}
