using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Evaluation.Evaluators;

/// <summary>Which of a model's classes the labels of a set mean: the one of that name or, where the model has no names, of that number; else the set's names count in alphabetical order.</summary>
internal static class ClassNames
{
    /// <summary>For each class of the set its number in the model.</summary>
    /// <param name="names">The set's names.</param>
    /// <param name="labels">The model's names, or none.</param>
    /// <param name="count">How many classes the model has.</param>
    /// <param name="model">The model's name, for messages.</param>
    /// <exception cref="EdgeException">A label is of no class; all such labels are named.</exception>
    public static int[] Match(IReadOnlyList<string> names, IReadOnlyList<string> labels, int count, string model)
    {
        int[] numbers = [.. names.Select(name => Find(name, labels, count))];
        if (Array.TrueForAll(numbers, n => n >= 0)) return numbers;
        if (labels.Count == 0 && names.Count == count && Array.TrueForAll(numbers, n => n < 0))
        {
            string[] sorted = [.. names.Order(StringComparer.Ordinal)];
            return [.. names.Select(name => Array.IndexOf(sorted, name))];
        }
        string[] unknown = [.. names.Where((_, i) => numbers[i] < 0)];
        string known = labels.Count > 0 ? $"it has {string.Join(", ", labels.Take(12).Select(l => $"'{l}'"))}{(labels.Count > 12 ? $" and {labels.Count - 12} more" : "")}" : $"it has {count} and no names for them";
        throw new EdgeException(ErrorCode.WrongTask, $"'{model}' has no class {string.Join(", ", unknown.Take(12).Select(n => $"'{n}'"))}{(unknown.Length > 12 ? $" and {unknown.Length - 12} more" : "")}; {known}.",
            "Name the classes of the set as the model does, or by their numbers from 0.");
    }

    /// <summary>The name of a model's class.</summary>
    public static string NameOf(int number, IReadOnlyList<string> labels) => number < labels.Count ? labels[number] : number.ToString(CultureInfo.InvariantCulture);

    private static int Find(string name, IReadOnlyList<string> labels, int count)
    {
        for (int i = 0; i < Math.Min(labels.Count, count); i++)
            if (Same(labels[i], name) || (labels[i].Contains(',') && labels[i].Split(',').Any(synonym => Same(synonym, name)))) return i;
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < count && (labels.Count == 0 || !labels.Any(l => int.TryParse(l, out _))) ? number : -1;
    }

    // Folders have underscores where names have spaces.
    private static bool Same(string a, string b) => a.Trim().Replace('_', ' ').Equals(b.Trim().Replace('_', ' '), StringComparison.OrdinalIgnoreCase);
}
