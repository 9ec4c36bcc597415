namespace Orchestrator.Core.Serialization;

/// <summary>
/// The place of a line in what its writer made durable together.
/// </summary>
/// <remarks>
/// <para>A commit (<c>b</c>) is everything between two successful syncs of a segment. Until its sync is done nothing of it was
/// acknowledged as committed, and after a power cut any part of it may be missing. A commit begins only once the one before it is on the
/// disk, so every line says where its commit begins (<c>f</c>): whatever stood before that byte was durable. A bad line there is damage,
/// one after it may be a torn tail.</para>
/// <para>An append is atomic; one commit usually holds several. The last line of an append says how many lines the commit has
/// up to it (<c>e</c>): lines after the last <c>e</c> are an unfinished append; fewer lines than it says mean that some were removed.</para>
/// <para>In lines of version 1, <c>f</c> is 1 in a commit's first line and missing in others, and <c>e</c> is 1 or missing.</para>
/// </remarks>
/// <param name="Commit">Number of the commit, growing per writer.</param>
/// <param name="From">The byte of its segment where the commit begins and the one before it ends.</param>
/// <param name="Lines">In the last line of an append how many lines the commit has up to it, itself included; 0 in others.</param>
public readonly record struct LineMark(long Commit, long From, int Lines)
{
    /// <summary>The line ends its append.</summary>
    public bool EndOfAppend => Lines > 0;

    /// <summary>A line of version 1 has no byte of a beginning: a segment's header is longer than 1.</summary>
    public bool IsOfVersion1 => From <= 1;
}
