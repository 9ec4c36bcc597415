using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>Reads the text of a rule, in either dialect.</summary>
internal static class CronReader
{
    private const int LongestText = 1000;
    private static readonly DateTime Beginning = new(1969, 12, 31, 23, 59, 59);

    private static readonly Dictionary<string, string> Macros = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    public static bool TryRead(string? text, [NotNullWhen(true)] out CronFields? fields, [NotNullWhen(false)] out string? error)
    {
        fields = null;
        error = Refuse(text) ?? Read(text!.Trim(), out fields);
        return error is null && fields is not null;
    }

    private static string? Refuse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return "The cron rule is empty: write five fields such as '0 2 * * *', or a macro such as @daily.";
        return text.Length > LongestText ? $"The cron rule has {text.Length} characters: at most {LongestText} are allowed." : null;
    }

    private static string? Read(string text, out CronFields? fields)
    {
        fields = null;
        if (text[0] == '@' && !Macros.ContainsKey(text)) return $"'{text}' is not a macro: use {string.Join(", ", Macros.Keys)}, @reboot.";
        var parts = Macros.GetValueOrDefault(text, text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is < 5 or > 7)
            return "A cron rule has 5 fields (minute hour day-of-month month day-of-week), or 6 or 7 with the second first and the year last; "
                + $"'{text}' has {parts.Length}.";

        var quartz = parts.Length > 5;
        var at = quartz ? 1 : 0;
        string? problem = null;
        fields = new()
        {
            Seconds = quartz ? Mask(CronField.Second(quartz), parts[0], ref problem) : 1,
            Minutes = Mask(CronField.Minute(quartz), parts[at], ref problem),
            Hours = Mask(CronField.Hour(quartz), parts[at + 1], ref problem),
            Days = CronDayReader.Read(parts[at + 2], parts[at + 4], quartz, ref problem),
            Months = Mask(CronField.Month(quartz), parts[at + 3], ref problem),
            Years = parts.Length == 7 ? ReadYears(parts[6], ref problem) : null,
        };
        return problem ?? (fields.After(Beginning) is null ? $"'{text}' never fires: no date matches its day-of-month, month, day-of-week and year." : null);
    }

    private static ulong Mask(CronField field, string text, ref string? problem)
    {
        var mask = 0UL;
        foreach (var value in Values(field, text, ref problem)) mask |= 1UL << value;
        return mask;
    }

    private static ImmutableHashSet<int>? ReadYears(string text, ref string? problem) =>
        text == "*" ? null : [.. Values(CronField.Year, text, ref problem)];

    private static HashSet<int> Values(CronField field, string text, ref string? problem)
    {
        var values = new HashSet<int>();
        foreach (var item in text.Split(',')) problem ??= field.AddItem(item, values);
        return values;
    }
}
