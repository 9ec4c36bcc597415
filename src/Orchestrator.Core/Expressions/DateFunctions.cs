using System.Globalization;

namespace Orchestrator.Core.Expressions;

internal static class DateFunctions
{
    private const int MaxDays = 3_652_058;
    private const int LongestFormat = 64;

    public static ExpressionValue Date(ExpressionValue[] a, Evaluation _)
    {
        // An instant without a zone is UTC; one with a zone is moved there first.
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var text = a.Text(0, "date");
        if (text.Length < 10 || text[4] != '-' || !DateTime.TryParse(text, CultureInfo.InvariantCulture, utc, out var instant))
            throw new ExpressionException("The first argument of date is an instant or date such as now, '2026-03-01' or '2026-03-01T10:00:00Z'.");
        var days = a.Length > 1 ? a.Whole(1, "date", -MaxDays, MaxDays) : 0;
        var format = a.Length > 2 ? a.Text(2, "date") : "yyyy-MM-dd";
        if (format.Length is 0 or > LongestFormat) throw new ExpressionException($"The third argument of date is a format of 1 to {LongestFormat} characters.");
        try
        {
            // One letter alone would name one of .NET's standard formats; here it is always a part, such as d for the day.
            return ExpressionValue.From(instant.AddDays(days).ToString(format.Length == 1 ? "%" + format : format, CultureInfo.InvariantCulture));
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new ExpressionException("The date lies outside the years 1 to 9999.");
        }
        catch (FormatException)
        {
            throw new ExpressionException("The third argument of date is not a date format such as 'yyyyMMdd' or 'MMM d'.");
        }
    }
}
