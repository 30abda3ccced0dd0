using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Evaluation.Evaluators;
using EdgeRuntime.Tools.Evaluation.Sources;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Goes over all samples of a set; what cannot be read is collected, so that one error names it all.</summary>
internal static class Evaluation
{
    /// <summary>Runs evaluators over samples.</summary>
    /// <param name="source">The samples.</param>
    /// <param name="evaluators">What is measured on each.</param>
    /// <param name="progress">Told the number of samples that are done.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="EdgeException">Samples could not be read, or do not fit a model.</exception>
    public static void Run(DataSource source, IReadOnlyList<Evaluator> evaluators, Action<int> progress, CancellationToken stop)
    {
        if (source.Samples.Count == 0) throw new EdgeException(ErrorCode.CannotRead, $"There are no samples in {source.Description}.");
        var problems = new SourceProblems(source.Description);
        for (int i = 0; i < source.Samples.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            Sample sample = source.Samples[i];
            try
            {
                foreach (Evaluator evaluator in evaluators) evaluator.Add(sample);
            }
            catch (EdgeException e) when (e.Code is ErrorCode.CannotRead or ErrorCode.CannotDecode)
            {
                problems.Add(e.Problem.Contains(Path.GetFileName(sample.Name), StringComparison.Ordinal) ? e.Problem.TrimEnd('.') : $"{sample.Name}: {e.Problem.TrimEnd('.')}");
            }
            progress(i + 1);
        }
        // Numbers over a part of the set would look like numbers over all of it.
        problems.ThrowIfAny("Repair or remove them.");
    }
}
