namespace Orchestrator.Core.Definitions;

/// <summary>What is wrong with a definition, by number. A code never changes its meaning and is never used again.</summary>
public static class ProblemCodes
{
    /// <summary>The text is not YAML.</summary>
    public const string Syntax = "ORC101";

    /// <summary>The file is not UTF-8 text.</summary>
    public const string NotText = "ORC102";

    /// <summary>There is no document, or nothing in it.</summary>
    public const string Empty = "ORC103";

    /// <summary>A file holds more than one document.</summary>
    public const string SeveralDocuments = "ORC104";

    /// <summary>A bound of size, depth, count or alias expansion is passed.</summary>
    public const string TooLarge = "ORC105";

    /// <summary>A key occurs twice in a map.</summary>
    public const string DuplicateKey = "ORC106";

    /// <summary>YAML that definitions do not use: tags, keys that are not text, aliases of unknown anchors.</summary>
    public const string UnsupportedYaml = "ORC107";

    /// <summary>The file cannot be read.</summary>
    public const string Unreadable = "ORC108";

    /// <summary>A key that does not exist here.</summary>
    public const string UnknownKey = "ORC110";

    /// <summary>A value of another type than expected.</summary>
    public const string WrongType = "ORC111";

    /// <summary>A required key is missing.</summary>
    public const string MissingKey = "ORC112";

    /// <summary>A value of the right type that is not allowed.</summary>
    public const string BadValue = "ORC113";

    /// <summary>A key of the language that this version does not build.</summary>
    public const string NotAvailable = "ORC114";

    /// <summary>Keys that exclude one another.</summary>
    public const string Conflict = "ORC115";

    /// <summary>Two tasks, stages, schedules or workflows of one name.</summary>
    public const string DuplicateName = "ORC120";

    /// <summary>A dependency that is not a task of the workflow.</summary>
    public const string UnknownDependency = "ORC121";

    /// <summary>Tasks that wait for each other.</summary>
    public const string Cycle = "ORC122";

    /// <summary>A task that waits for itself.</summary>
    public const string SelfDependency = "ORC123";

    /// <summary>A stage that is not declared.</summary>
    public const string UnknownStage = "ORC124";

    /// <summary>A schedule's rule or time zone cannot be read.</summary>
    public const string BadSchedule = "ORC125";

    /// <summary>A schedule sets a parameter that is not declared.</summary>
    public const string UnknownParameter = "ORC126";

    /// <summary>A key of tasks that has no meaning for a handler.</summary>
    public const string NotForHandlers = "ORC127";

    /// <summary>An expression cannot be parsed.</summary>
    public const string BadExpression = "ORC201";

    /// <summary>An expression names a parameter, variable, secret or task that is not declared.</summary>
    public const string UnknownReference = "ORC202";

    /// <summary>An expression names a task that need not be finished when it is evaluated.</summary>
    public const string NotAnAncestor = "ORC203";

    /// <summary>An expression uses something that has no value where it stands.</summary>
    public const string NotVisibleHere = "ORC204";

    /// <summary>A secret's value would be exposed in the process list or in the journal.</summary>
    public const string SecretExposed = "ORC205";
}
