namespace EdgeRuntime.Diagnostics;

/// <summary>An error that says what went wrong, where, why, and what to do. Its codes are listed in <see cref="ErrorCode"/>.</summary>
public sealed class EdgeException : Exception
{
    /// <summary>Creates an error.</summary>
    /// <param name="code">One of <see cref="ErrorCode"/>.</param>
    /// <param name="problem">What happened, where and why, in one sentence or a list.</param>
    /// <param name="remedy">What the user can do about it, or null.</param>
    /// <param name="inner">The cause, if another exception was.</param>
    public EdgeException(ErrorCode code, string problem, string? remedy = null, Exception? inner = null)
        : base(remedy is null ? $"{Format(code)}  {problem}" : $"{Format(code)}  {problem}\n          {remedy}", inner)
    {
        Code = code;
        Problem = problem;
        Remedy = remedy;
    }

    /// <summary>The kind of error.</summary>
    public ErrorCode Code { get; }

    /// <summary>What happened, where and why.</summary>
    public string Problem { get; }

    /// <summary>What to do about it, or null.</summary>
    public string? Remedy { get; }

    /// <summary>The printed form of a code, such as EDGE3002.</summary>
    public static string Format(ErrorCode code) => $"EDGE{(int)code:D4}";
}
