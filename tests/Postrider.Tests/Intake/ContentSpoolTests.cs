using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using CsCheck;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Intake;

public sealed class ContentSpoolTests : IDisposable
{
    private const int Border = StoredBytes.PieceLength;
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("postrider-test-");

    // Sizes around the border between memory and file, in bursts that are spilled and bursts that are not.
    private static readonly Gen<int> Size = Gen.OneOf(Gen.Int[0, 3000], Gen.Int[Border - 3, Border + 3], Gen.Int[0, 3 * Border]);

    [Fact]
    public void What_was_written_comes_back_behind_the_new_head_in_pieces() =>
        Gen.Select(Gen.Select(Size, Gen.Bool).Array[1, 4], Gen.Int[0, 2000], Gen.OneOf(Gen.Int[0, 100], Gen.Int[Border - 5, Border + 5]), Gen.Int[0, 1000]).Sample((bursts, replaced, head, seed) =>
        {
            using var spool = new ContentSpool(directory.FullName);
            var given = new byte[bursts.Sum(burst => burst.Item1)];
            new Random(seed).NextBytes(given);
            var position = 0;
            foreach (var (size, spilled) in bursts)
            {
                spool.Write(given.AsSpan(position, size));
                position += size;
                if (spilled)
                    spool.Spill();
            }
            replaced = Math.Min(replaced, given.Length);
            Assert.Equal(given.Length, spool.Length);
            Assert.True(spool.Head.SequenceEqual(given.AsSpan(0, Math.Min(given.Length, Border))));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            spool.AppendTo(hash);
            Assert.Equal(SHA256.HashData(given), hash.GetHashAndReset());

            byte[] expected = [.. Enumerable.Repeat((byte)'h', head), .. given.AsSpan(replaced)];
            var stored = spool.With(expected[..head], replaced);
            Assert.Equal(expected.Length, stored.Length);
            // Twice: a transaction that fails is tried again.
            for (var i = 0; i < 2; i++)
            {
                var pieces = stored.Pieces().ToList();
                Assert.All(pieces, piece => Assert.InRange(piece.Length, 0, Border));
                Assert.True(expected.AsSpan().SequenceEqual(pieces.SelectMany(piece => piece).ToArray()));
            }
        }, iter: 150);

    [Fact]
    public void The_file_is_the_owners_alone_and_goes_with_the_spool()
    {
        using (var spool = new ContentSpool(directory.FullName))
        {
            spool.Write(new byte[Border]);
            Assert.Empty(directory.GetFiles());
            spool.Write(new byte[Border]);
            var file = Assert.Single(directory.GetFiles());
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
        }
        Assert.Empty(directory.GetFiles());
    }

    // A connection may deliver a megabyte in one read; growing by an octet at a time would take minutes.
    [Fact]
    public void A_long_burst_takes_no_longer_than_a_short_one_for_its_length()
    {
        using var spool = new ContentSpool(directory.FullName);
        var clock = Stopwatch.StartNew();
        spool.Write(new byte[64 * 1024 * 1024]);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    public void Dispose() => directory.Delete(recursive: true);
}
