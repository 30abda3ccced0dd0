using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Targets of reshapes that hold for all sizes of symbols.</summary>
internal static class ReshapeTarget
{
    /// <summary>
    /// What makes the one shape of the other: numbers, 0 for an axis that stays where it is, and -1 for at most one that cannot be told; null where
    /// more cannot be told.
    /// </summary>
    public static long[]? For(in Shape source, in Shape result)
    {
        if (source.IsUnranked || result.IsUnranked) return null;
        var target = new long[result.Rank];
        int open = 0;
        for (int i = 0; i < target.Length; i++)
        {
            // A size of 0 would be read as one to be kept.
            if (result[i] == 0) return null;
            if (result[i] > 0)
            {
                target[i] = result[i];
            }
            else if (result[i] != Shape.Unknown && i < source.Rank && source[i] == result[i])
            {
                target[i] = 0;
            }
            else
            {
                target[i] = -1;
                open++;
            }
        }
        return open <= 1 ? target : null;
    }
}
