namespace Orchestrator.Core.Triggers;

/// <summary>Why deliveries are refused: words, so that later versions may add some.</summary>
public static class RejectReasons
{
    /// <summary>Its token or signature is wrong or missing.</summary>
    public const string Signature = "signature";

    /// <summary>It was signed too long ago, or for a time to come.</summary>
    public const string Window = "window";

    /// <summary>Its body is larger than the trigger takes.</summary>
    public const string TooLarge = "too_large";

    /// <summary>More came than the trigger takes.</summary>
    public const string Flood = "flood";

    /// <summary>Its body cannot be read.</summary>
    public const string Body = "body";

    /// <summary>The parameters that it gives do not fit the workflow.</summary>
    public const string Params = "params";

    /// <summary>Too many runs of the trigger wait to be accepted.</summary>
    public const string Backlog = "backlog";

    /// <summary>The trigger is switched off, or its definition is gone.</summary>
    public const string Disabled = "disabled";

    /// <summary>The secret it is checked with has no value.</summary>
    public const string NoSecret = "no_secret";

    /// <summary>The folder or a file cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>There are more files than are looked after.</summary>
    public const string TooMany = "too_many";

    /// <summary>Too many runs started each other by triggers: a loop.</summary>
    public const string Loop = "loop";
}
