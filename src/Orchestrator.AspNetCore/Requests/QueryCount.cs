using System.Globalization;

namespace Orchestrator.AspNetCore.Requests;

/// <summary>A number of rows that a query asks for.</summary>
internal static class QueryCount
{
    /// <param name="name">The query parameter.</param>
    /// <param name="text">What it is; null: it was not given.</param>
    /// <param name="usual">Then so many.</param>
    /// <param name="most">The largest number it takes.</param>
    /// <param name="problems">Told when it is something else.</param>
    public static int Read(string name, string? text, int usual, int most, List<string> problems)
    {
        if (text is null) return usual;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= most) return count;
        problems.Add($"{name} must be a whole number from 1 to {most}, was '{text}'.");
        return usual;
    }
}
