using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Schedules;

/// <summary>A calendar for a terminal, within 80 columns; without colour where it is piped or NO_COLOR is set.</summary>
internal sealed class CalendarText
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const char Rest = '*';   // of schedules that no letter is left for
    private const int Label = 7, Column = 10, Room = Column - 1, Width = 80, Name = 40;
    private static readonly int[] s_colours = [36, 33, 35, 32, 34, 31];
    private readonly CalendarPage _page;
    private readonly CommandContext _around;
    private readonly TimeZoneInfo _zone;
    private readonly Dictionary<(string, string), int> _order = [];
    private readonly bool _isColoured;

    public CalendarText(CalendarPage page, CommandContext around)
    {
        (_page, _around, _zone) = (page, around, TimeZoneInfo.FindSystemTimeZoneById(page.Timezone));
        _isColoured = around.IsTerminal && around.Variable("NO_COLOR") is null;
        foreach (var schedule in page.Schedules) _order[(schedule.Workflow, schedule.Schedule)] = _order.Count;
    }

    public void Write(bool isDay)
    {
        var (first, last) = (_page.Days[0].Date, _page.Days[^1].Date);
        Line(Bold(isDay ? Text(first, "dddd d MMMM yyyy") : $"{Text(first, "d MMMM yyyy")} to {Text(last, "d MMMM yyyy")}") + $"  {_page.Timezone}{Yours()}");
        foreach (var day in _page.Days)
            if (day.ClockChange is not null) Line($"* {Text(day.Date, "ddd d MMM")}: {ScheduleText.Clocks(day.ClockChange)}");
        Line("");
        if (_page.Cells.Count == 0)
        {
            Line("Nothing is due.");
            return;
        }
        if (isDay) WriteDay();
        else WriteWeek();
        foreach (var schedule in _page.Schedules)
            if (schedule.Cut) Line(Printable.Line($"{schedule.Workflow}/{schedule.Schedule} has more due times than the calendar counts."));
    }

    private void WriteWeek()
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(_around.Clock.GetUtcNow(), _zone).DateTime);
        var head = string.Concat(_page.Days.Select(d =>
        {
            var text = (Text(d.Date, "ddd d") + (d.ClockChange is null ? "" : " *")).PadRight(Column);
            return d.Date == today ? Bold(text) : text;
        }));
        Line("".PadRight(Label) + head.TrimEnd());
        var rows = Enumerable.Range(0, 24).Select(h => string.Concat(_page.Days.Select(d => Cell(d, h)).Select(c => c.Shown + new string(' ', Column - c.Length))).TrimEnd()).ToList();
        for (var hour = 0; hour < rows.Count;)
        {
            var to = hour;
            while (to + 1 < rows.Count && rows[to + 1] == rows[hour]) to++;
            Line(Dim((to == hour ? $"{hour:00}" : $"{hour:00}-{to:00}").PadRight(Label)) + rows[hour]);
            hour = to + 1;
        }
        Line("");
        Line(Dim("A:30 is A at minute 30, Ax12 is twelve times in that hour, +12 is twelve more."));
        foreach (var schedule in _page.Schedules.Take(Letters.Length))
        {
            var name = $"{schedule.Workflow}/{schedule.Schedule}";
            var note = Note(schedule);
            var zone = schedule.Timezone == _page.Timezone ? "" : $"  {schedule.Timezone}";
            Line($"{Colour(schedule.Workflow, schedule.Schedule, Letter(schedule.Workflow, schedule.Schedule).ToString())}  {Cut($"{Cut(name, Name).PadRight(Math.Min(Name, NameWidth()))}  {schedule.Rule}{zone}{note}", Width - 3)}");
        }
        if (_page.Schedules.Count > Letters.Length) Line($"{Rest}  {_page.Schedules.Count - Letters.Length} more schedules");
    }

    private void WriteDay()
    {
        var hour = -1;
        foreach (var cell in _page.Cells)
        {
            var (first, last) = (In(cell.FirstAt), In(cell.LastAt));
            var yours = IsElsewhere ? $" {Dim($"({TimeZoneInfo.ConvertTime(cell.FirstAt, TimeZoneInfo.Local):HH:mm})")}" : "";
            var label = cell.Hour == hour ? "    " : Dim($"{cell.Hour:00}  ");
            hour = cell.Hour;
            var schedule = _page.Schedules[_order[(cell.Workflow, cell.Schedule)]];
            var note = Note(schedule);
            var times = cell.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"  {cell.Count} times to {last:HH:mm}") : "";
            var name = Cut($"{cell.Workflow}/{cell.Schedule}", Name);
            Line($"{label}{first:HH:mm}{yours}  {Colour(cell.Workflow, cell.Schedule, name)}{(times + note is { Length: > 0 } rest ? new string(' ', Math.Min(Name, NameWidth()) - name.Length) + rest : "")}");
        }
    }

    // What fits is written out; a number says how many due times do not, and stands alone where not even the first does.
    private (string Shown, int Length) Cell(CalendarDay day, int hour)
    {
        // What comes seldom first: it is what one looks for.
        var due = _page.Cells.Where(c => c.Date == day.Date && c.Hour == hour).OrderBy(c => c.Count).ToList();
        if (due.Count == 0) return day.LeftOut.Contains(hour) ? (Dim("--"), 2) : (Dim("."), 1);
        var entries = due.Select(c => (Cell: c, Text: $"{Letter(c.Workflow, c.Schedule)}{(c.Count == 1 ? $":{In(c.FirstAt):mm}" : string.Create(CultureInfo.InvariantCulture, $"x{c.Count}"))}")).ToList();
        for (var shown = entries.Count; shown > 0; shown--)
        {
            var left = due.Skip(shown).Sum(c => c.Count);
            var more = left == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" +{left}");
            var length = entries.Take(shown).Sum(e => e.Text.Length + 1) - 1 + more.Length;
            if (length <= Room) return (string.Join(' ', entries.Take(shown).Select(e => Colour(e.Cell.Workflow, e.Cell.Schedule, e.Text))) + more, length);
        }
        var all = string.Create(CultureInfo.InvariantCulture, $"{due.Sum(c => c.Count)}");
        return (all, all.Length);
    }

    private bool IsElsewhere => Difference != TimeSpan.Zero;

    // How far the clocks of this machine are ahead of those that are shown, on the first day.
    private TimeSpan Difference
    {
        get
        {
            var at = _page.Cells.Count > 0 ? _page.Cells[0].FirstAt : _around.Clock.GetUtcNow();
            return TimeZoneInfo.Local.GetUtcOffset(at) - _zone.GetUtcOffset(at);
        }
    }

    private string Yours()
    {
        var by = Difference;
        if (by == TimeSpan.Zero) return "";
        var amount = by.Minutes == 0 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(by.Hours)} h") : string.Create(CultureInfo.InvariantCulture, $"{by.Duration():h\\:mm} h");
        return $"; your clock shows {amount} {(by > TimeSpan.Zero ? "more" : "less")}";
    }

    private static string Note(CalendarSchedule schedule) =>
        $"{(schedule.Action == ScheduleAction.Start ? "" : $"  {Words.Of(schedule.Action)}")}{(schedule.State == ScheduleStanding.Active ? "" : $"  {Words.Of(schedule.State)}")}";

    private int NameWidth() => _page.Schedules.Max(s => s.Workflow.Length + s.Schedule.Length + 1);

    private char Letter(string workflow, string schedule) => _order[(workflow, schedule)] is var at && at < Letters.Length ? Letters[at] : Rest;

    private DateTimeOffset In(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, _zone);

    private string Colour(string workflow, string schedule, string text) => _isColoured ? $"\e[{s_colours[_order[(workflow, schedule)] % s_colours.Length]}m{text}\e[0m" : text;

    private string Bold(string text) => _isColoured ? $"\e[1m{text}\e[0m" : text;

    private string Dim(string text) => _isColoured ? $"\e[2m{text}\e[0m" : text;

    private void Line(string text) => _around.Out.WriteLine(text);

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 3)] + "...";

    private static string Text(DateOnly date, string form) => date.ToString(form, CultureInfo.InvariantCulture);
}
