using System.Numerics;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>The hours of the day that a rule names, as bits 0 to 23.</summary>
internal static class NamedHours
{
    public const ulong All = (1UL << 24) - 1;

    /// <summary>Whether a rule fires at least hourly within them: at least twice in each run of successive hours. 23 and 0 are successive.</summary>
    /// <param name="hours">The hours.</param>
    /// <param name="perHour">How often it fires in each.</param>
    public static bool AtLeastHourly(ulong hours, int perHour)
    {
        if (hours == 0 || perHour == 0) return false;
        if (perHour > 1) return true;
        var before = (hours << 1 | hours >> 23) & All;
        var after = (hours >> 1 | hours << 23) & All;
        return BitOperations.PopCount(hours & (before | after)) == BitOperations.PopCount(hours) && BitOperations.PopCount(hours) > 1;
    }
}
