using EdgeRuntime.Pipelines.Tracking;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Tracking;

public class AssignmentTests
{
    [Fact]
    public void Costs_no_more_than_the_best_of_all_ways_to_pair()
    {
        var assignment = new Assignment(6);
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            (int rows, int columns) = (random.Next(7), random.Next(7));
            float[] costs = [.. Enumerable.Range(0, rows * columns).Select(_ => random.Next(4) == 0 ? Assignment.Impossible : random.Next(100))];
            var columnOf = new int[rows];
            assignment.Solve(costs, rows, columns, columnOf);
            int[] paired = [.. columnOf.Where(c => c >= 0)];
            Assert.Equal(paired.Length, paired.Distinct().Count());
            double sum = 0;
            for (int r = 0; r < rows; r++)
            {
                if (columnOf[r] < 0) continue;
                Assert.True(costs[r * columns + columnOf[r]] < Assignment.Impossible, $"seed {seed}");
                sum += costs[r * columns + columnOf[r]];
            }
            (int Pairs, double Sum) best = Best(costs, rows, columns, 0, new bool[columns]);
            Assert.True((paired.Length, sum) == best, $"seed {seed}: {paired.Length} pairs for {sum}, {best.Pairs} for {best.Sum} can be had");
        }
    }

    /// <summary>The most pairs that can be, and what they cost at least.</summary>
    private static (int Pairs, double Sum) Best(float[] costs, int rows, int columns, int row, bool[] taken)
    {
        if (row == rows) return (0, 0);
        (int Pairs, double Sum) best = Best(costs, rows, columns, row + 1, taken);
        for (int c = 0; c < columns; c++)
        {
            if (taken[c] || costs[row * columns + c] >= Assignment.Impossible) continue;
            taken[c] = true;
            (int pairs, double sum) = Best(costs, rows, columns, row + 1, taken);
            taken[c] = false;
            if (pairs + 1 > best.Pairs || (pairs + 1 == best.Pairs && sum + costs[row * columns + c] < best.Sum)) best = (pairs + 1, sum + costs[row * columns + c]);
        }
        return best;
    }
}
