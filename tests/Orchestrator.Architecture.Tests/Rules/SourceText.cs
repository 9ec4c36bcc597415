using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Source as rules see it: comments and quoted texts blanked, so that naming a thing is not using it.</summary>
internal static partial class SourceText
{
    public static string WithoutCommentsAndTexts(string source) => CommentsAndTexts().Replace(source, m => new string('\n', m.Value.Count(c => c == '\n')));

    [GeneratedRegex("""
        \"{3,}[\s\S]*?\"{3,} | @\"(?:[^\"]|\"\")*\" | \"(?:[^\"\\\n]|\\.)*\" | '(?:[^'\\\n]|\\.)+' | //[^\n]* | /\*[\s\S]*?\*/
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentsAndTexts();
}
