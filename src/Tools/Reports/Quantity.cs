namespace EdgeRuntime.Tools.Reports;

/// <summary>A number with its noun, as people write it.</summary>
internal static class Quantity
{
    /// <summary>Such as "1 frame", "2 frames".</summary>
    public static string Of(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number:N0} {noun}s";
}
