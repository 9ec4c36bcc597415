using System.CommandLine;

namespace Orchestrator.Worker.Commands.Output;

/// <summary><c>--limit</c> of verbs that list something.</summary>
internal static class RowLimit
{
    private const int Usual = 20;

    /// <param name="most">The largest number it takes.</param>
    public static Option<int> Option(int most)
    {
        var limit = new Option<int>("--limit") { Description = "At most this many.", HelpName = "N", DefaultValueFactory = _ => Usual };
        AddRule(limit, most);
        return limit;
    }

    /// <summary>Lets an option take whole numbers from 1 on.</summary>
    public static void AddRule(Option option, int most) => option.Validators.Add(given =>
    {
        if (given.Tokens.Count == 1 && (!int.TryParse(given.Tokens[0].Value, out var n) || n < 1 || n > most))
            given.AddError($"{option.Name} must be a whole number from 1 to {most}, was '{given.Tokens[0].Value}'.");
    });
}
