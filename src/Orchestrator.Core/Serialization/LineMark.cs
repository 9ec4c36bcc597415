namespace Orchestrator.Core.Serialization;

/// <summary>
/// The place of a line in what its writer made durable together.
/// </summary>
/// <remarks>
/// <para>A commit (<c>b</c>) is everything between two successful syncs of a segment. Until its sync is done nothing of it was
/// acknowledged as committed, and after a power cut any part of it may be missing. Its first line carries <c>"f":1</c>: a bad line
/// followed by a line with <c>f</c> was durable once, so it is corruption and not a torn tail.</para>
/// <para>An append is atomic; one commit usually holds several. The last line of an append carries <c>"e":1</c>: lines behind the last
/// <c>e</c> are an append that was never finished.</para>
/// </remarks>
/// <param name="Commit">Number of the commit, growing per writer.</param>
/// <param name="FirstOfCommit">The line begins its commit.</param>
/// <param name="EndOfAppend">The line ends its append.</param>
public readonly record struct LineMark(long Commit, bool FirstOfCommit, bool EndOfAppend);
